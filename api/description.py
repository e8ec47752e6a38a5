"""How the API describes itself in OpenAPI: errors as what they are, problem details."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from api.access.dependencies import needs_credentials, schemes
from contracts.problems import Problem


def install(app: FastAPI) -> None:
    """Describe errors as what they are: problem details, not FastAPI's own shape."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign] # FastAPI's documented way


def _describe(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = schema["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path in schema["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    known: dict[str, Any] = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        taken = schemes(route.dependant)
        known |= {
            scheme.scheme_name: scheme.model.model_dump(mode="json", by_alias=True, exclude_none=True)
            for scheme in taken
        }
        security: list[dict[str, list[str]]] = [{scheme.scheme_name: []} for scheme in taken]
        if taken and not needs_credentials(route.dependant):
            security.append({})  # strangers too, where the deployment takes them
        for method in route.methods or ():
            if security:
                schema["paths"][route.path_format][method.lower()]["security"] = security
    schema["components"]["securitySchemes"] = known
    return schema
