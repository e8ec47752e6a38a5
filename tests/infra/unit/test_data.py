"""Who reaches the stores, what is encrypted, and what survives a delete."""

import pytest
from infra_mocks import ACCOUNT, KEY_ARN, PROD, REGION, STAGING, Recorded, broken_rules, context, run, settings

from infra.components.data import Data, StoreArgs

ISOLATED = ["subnet-isolated-a", "subnet-isolated-b"]
CLIENTS = {"api": "sg-api", "media": "sg-media"}
MIGRATION = {"migrate": "sg-migrate"}


def data(base: object, *, preview: bool = False, **changes: object) -> Recorded:
    def build() -> None:
        Data("data", StoreArgs(context(settings(base, **changes)), "vpc-1", ISOLATED, CLIENTS), MIGRATION)

    return run(build, preview=preview)


KINDS = {"postgres": "aws.rds.Instance", "aurora": "aws.rds.Cluster"}


@pytest.fixture(scope="module")
def prod() -> dict[str, Recorded]:
    return {kind: data(PROD, data={"database": kind, "valkey": True}) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_clients_reach_the_stores_and_the_stores_reach_nobody(prod: dict[str, Recorded], kind: str) -> None:
    recorded = prod[kind]
    rules = [
        (r.inputs["securityGroupId"], r.inputs["referencedSecurityGroupId"], r.inputs["fromPort"], r.inputs["toPort"])
        for r in recorded.all("aws.vpc.SecurityGroupIngressRule")
    ]
    database, cache = "data-db-id", "data-cache-id"
    assert sorted(rules) == [
        (cache, "sg-api", 6379, 6380),
        (cache, "sg-media", 6379, 6380),
        (database, "sg-api", 5432, 5432),
        (database, "sg-media", 5432, 5432),
        (database, "sg-migrate", 5432, 5432),
    ]
    assert recorded.all("aws.vpc.SecurityGroupEgressRule") == []
    assert all("ingress" not in g.inputs and "egress" not in g.inputs for g in recorded.all("aws.ec2.SecurityGroup"))
    store = recorded.one(KINDS[kind]).inputs
    assert store["vpcSecurityGroupIds"] == [database]
    assert recorded.one("aws.rds.SubnetGroup").inputs["subnetIds"] == ISOLATED
    public = [*recorded.all("aws.rds.Instance"), *recorded.all("aws.rds.ClusterInstance")]
    assert {instance.inputs["publiclyAccessible"] for instance in public} == {False}


def test_nothing_of_the_cache_reaches_a_disk(prod: dict[str, Recorded]) -> None:
    cache = prod["postgres"].one("aws.elasticache.ServerlessCache").inputs
    assert cache["snapshotRetentionLimit"] == 0
    assert not {"finalSnapshotName", "dailySnapshotTime", "snapshotArnsToRestores"} & set(cache)


@pytest.mark.parametrize("kind", KINDS)
def test_stores_are_encrypted_with_the_environments_key_and_speak_tls_only(
    prod: dict[str, Recorded], kind: str
) -> None:
    recorded = prod[kind]
    store = recorded.one(KINDS[kind]).inputs
    assert (store["storageEncrypted"], store["kmsKeyId"]) == (True, KEY_ARN)
    assert recorded.one("aws.elasticache.ServerlessCache").inputs["kmsKeyId"] == KEY_ARN
    group = recorded.one("aws.rds.ParameterGroup" if kind == "postgres" else "aws.rds.ClusterParameterGroup")
    used = store["parameterGroupName" if kind == "postgres" else "dbClusterParameterGroupName"]
    assert used == group.outputs["name"]
    assert {item["name"]: item["value"] for item in group.inputs["parameters"]}["rds.force_ssl"] == "1"


@pytest.mark.parametrize("kind", KINDS)
def test_no_password_passes_through_the_program(prod: dict[str, Recorded], kind: str) -> None:
    store = prod[kind].one(KINDS[kind]).inputs
    assert store["manageMasterUserPassword"] is True
    assert store["masterUserSecretKmsKeyId"] == KEY_ARN
    assert not {"password", "passwordWo", "masterPassword", "masterPasswordWo"} & set(store)
    # A password that changes by itself would cut off every task that read the old one.
    assert prod[kind].one("aws.secretsmanager.SecretRotation").inputs["rotationEnabled"] is False
    outputs = prod[kind].component_outputs[prod[kind].one("polyglot.data.Database").urn]
    assert outputs["secretArn"] == f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:rds!data-db-AbCdEf"


@pytest.mark.parametrize("kind", KINDS)
def test_prod_keeps_its_data(prod: dict[str, Recorded], kind: str) -> None:
    store = prod[kind].one(KINDS[kind])
    assert store.protect
    assert store.retain_on_delete
    assert store.inputs["deletionProtection"]
    assert store.inputs["backupRetentionPeriod"] >= 7
    assert not store.inputs["skipFinalSnapshot"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_allowed_delete_of_prod_leaves_a_snapshot(kind: str) -> None:
    store = data(PROD, data={"database": kind}, guard={"allow_destroy": True}).one(KINDS[kind])
    assert not store.protect
    assert not store.inputs["deletionProtection"]
    assert store.inputs["finalSnapshotIdentifier"].startswith("polyglot-prod-final-")


def test_staging_can_be_thrown_away() -> None:
    store = data(STAGING, data={"database": "postgres"}).one("aws.rds.Instance")
    assert not store.protect
    assert not store.inputs["deletionProtection"]
    assert store.inputs["skipFinalSnapshot"]
    assert store.inputs["storageEncrypted"]


def test_without_a_database_there_is_none() -> None:
    recorded = data(STAGING)
    assert [r.kind for r in recorded.resources if r.custom] == ["pulumi.providers.aws"]


def test_aurora_pauses_only_when_it_may_scale_to_nothing_and_stands_by_when_asked() -> None:
    paused = data(STAGING, data={"database": "aurora", "aurora_min": 0})
    awake = data(STAGING, data={"database": "aurora", "multi_az": True})
    scaling = "serverlessv2ScalingConfiguration"
    assert paused.one("aws.rds.Cluster").inputs[scaling]["secondsUntilAutoPause"] == 600
    assert "secondsUntilAutoPause" not in awake.one("aws.rds.Cluster").inputs[scaling]
    assert len(paused.all("aws.rds.ClusterInstance")) == 1
    assert len(awake.all("aws.rds.ClusterInstance")) == 2


@pytest.mark.parametrize(("size", "seen"), [("db.t4g.micro", False), ("db.m7g.large", True)])
def test_performance_insights_is_on_where_the_class_has_it(size: str, seen: bool) -> None:
    instance = data(STAGING, data={"database": "postgres", "postgres_class": size}).one("aws.rds.Instance").inputs
    assert instance["performanceInsightsEnabled"] is seen


def test_the_caches_bill_has_a_ceiling(prod: dict[str, Recorded]) -> None:
    limits = prod["postgres"].one("aws.elasticache.ServerlessCache").inputs["cacheUsageLimits"]
    assert limits["dataStorage"] == {"maximum": 1, "unit": "GB"}
    assert limits["ecpuPerSeconds"] == [{"maximum": 5000}]


@pytest.mark.parametrize("kind", KINDS)
def test_a_first_preview_does_not_need_what_only_aws_knows(kind: str) -> None:
    assert data(PROD, preview=True, data={"database": kind, "valkey": True}).one(KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_no_rule_of_the_policy_pack_is_broken(prod: dict[str, Recorded], kind: str) -> None:
    assert broken_rules(prod[kind], "prod") == []
