#!/usr/bin/env bash
# Whether staging ran these images and was called with them, by what its job signed (`gh attestation verify`), on main.
# Usage: attested.sh FOLDER PREDICATE_TYPE
set -euo pipefail
folder="${1:?the folder of digests}" kind="${2:?the type of what was signed}"
for file in "$folder"/*; do
  image="$(cat "$file")"
  registry="${image%%/*}"
  # The registry may be another account's and in another region: 111122223333.dkr.ecr.REGION.amazonaws.com.
  region="$(cut -d . -f 4 <<< "$registry")"
  aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "$registry" > /dev/null
  gh attestation verify "oci://$image" --repo "$GITHUB_REPOSITORY" --predicate-type "$kind" \
    --signer-workflow "$GITHUB_REPOSITORY/.github/workflows/stack.yml" --source-ref refs/heads/main
done
