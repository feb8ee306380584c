"""The OpenAPI schema: valid, complete and true."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # not ours to type

from gallery.models import Image, User
from search.explaining import explain_next
from search.models import Encoder


@pytest.fixture
def schema(client: Any, db: None) -> Any:
    answer = client.get("/api/v1/schema/")
    assert answer.status_code == 200
    return yaml.safe_load(answer.content)


def test_it_is_valid_without_a_warning(tmp_path: Path) -> None:
    file = str(tmp_path / "schema.yml")
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", file)


def test_it_names_every_call(schema: Any) -> None:
    calls = {path: sorted(set(item) - {"parameters"}) for path, item in schema["paths"].items()}
    assert calls == {
        "/api/v1/albums/": ["get"],
        "/api/v1/albums/{id}/": ["get", "patch"],
        "/api/v1/albums/{id}/move/": ["post"],
        "/api/v1/evaluations/": ["get", "post"],
        "/api/v1/evaluations/{id}/": ["get"],
        "/api/v1/images/": ["get", "post"],
        "/api/v1/images/{id}/": ["delete", "get", "patch"],
        "/api/v1/images/{id}/compare/": ["get"],
        "/api/v1/images/{id}/favourite/": ["delete", "put"],
        "/api/v1/images/{id}/file/": ["put"],
        "/api/v1/images/{id}/restore/": ["post"],
        "/api/v1/images/{id}/similar/": ["get"],
        "/api/v1/images/{id}/similar/{result}/mark/": ["delete", "get", "put"],
        "/api/v1/images/{id}/similar/{result}/why/": ["get"],
        "/api/v1/search/": ["post"],
        "/api/v1/search/{id}/": ["get"],
        "/api/v1/search/{id}/compare/": ["get"],
        "/api/v1/searches/": ["get", "post"],
        "/api/v1/searches/{id}/": ["delete", "get", "patch"],
        "/api/v1/searches/{id}/look/": ["post"],
        "/api/v1/searches/{id}/results/": ["get"],
        "/api/v1/search/{id}/why/{result}/": ["get"],
        "/api/v1/tags/": ["delete", "get", "patch"],
    }


def test_it_names_every_filter(schema: Any) -> None:
    similar = schema["paths"]["/api/v1/images/{id}/similar/"]["get"]["parameters"]
    assert {parameter["name"] for parameter in similar} == {
        *("id", "album", "tag", "owner", "camera", "orientation", "favourites", "rating"),
        *("after", "before"),
        *("min_distance", "max_distance", "closer_than", "alike", "exact", "encoder"),
        *("limit", "place", "offset"),
    }


def test_it_names_the_token(schema: Any) -> None:
    assert "tokenAuth" in schema["components"]["securitySchemes"]


def test_every_error_is_a_problem(schema: Any) -> None:
    for item in schema["paths"].values():
        for call in item.values():
            errors = {status: kinds for status, kinds in call["responses"].items() if status >= "4"}
            assert errors
            for kinds in errors.values():
                assert list(kinds["content"]) == ["application/problem+json"]


def conforms(answer: Any, schema: Any, name: str) -> bool:
    # Since OpenAPI 3.1 its schemas are JSON Schema.
    known = {"components": schema["components"], "$ref": f"#/components/schemas/{name}"}
    described = schema["components"]["schemas"][name]["properties"]
    Draft202012Validator(known).validate(answer)
    return set(answer) == set(described)


def test_an_image_is_as_it_says(schema: Any, api: Any, image: Image, alice: User) -> None:
    assert conforms(api(alice).get(f"/api/v1/images/{image.pk}/").json(), schema, "Image")


def test_a_page_of_images_is_as_it_says(schema: Any, api: Any, image: Image, alice: User) -> None:
    page = api(alice).get("/api/v1/images/").json()
    assert conforms(page, schema, "PaginatedImageList")


def test_neighbours_are_as_it_says(
    schema: Any, api: Any, image: Image, alice: User, store: Any, embed: Any
) -> None:
    waiting = api(alice).get(f"/api/v1/images/{image.pk}/similar/")
    assert conforms(waiting.json(), schema, "Waiting")
    embed(image, store("blue"))
    ready = api(alice).get(f"/api/v1/images/{image.pk}/similar/")
    assert conforms(ready.json(), schema, "Neighbours")


def test_the_examples_of_neighbours_are_as_it_says(schema: Any) -> None:
    call = schema["paths"]["/api/v1/images/{id}/similar/"]["get"]
    examples = call["responses"]["200"]["content"]["application/json"]["examples"]
    assert len(examples) == 2
    assert all(conforms(example["value"], schema, "Neighbours") for example in examples.values())


def test_an_explanation_is_as_it_says(
    schema: Any, api: Any, image: Image, alice: User, store: Any, embed: Any
) -> None:
    address = f"/api/v1/images/{image.pk}/similar/{store('blue').pk}/why/"
    assert conforms(api(alice).get(address).json(), schema, "WaitingWhy")
    embed(*Image.objects.all())
    explain_next()
    assert conforms(api(alice).get(address).json(), schema, "Why")


def test_a_problem_is_as_it_says(schema: Any, api: Any, alice: User) -> None:
    problem = api(alice).post("/api/v1/images/", {}).json()
    assert conforms(problem, schema, "Problem")


def test_saved_searches_and_their_results_are_as_it_says(
    schema: Any, api: Any, image: Image, alice: User, store: Any, embed: Any
) -> None:
    embed(image, store("blue"))
    asked = {"name": "Red", "positive": [image.pk]}
    saved = api(alice).post("/api/v1/searches/", asked, format="json").json()
    assert conforms(saved, schema, "SavedSearch")
    assert conforms(api(alice).get("/api/v1/searches/").json(), schema, "SavedSearches")
    results = api(alice).get(saved["results_url"]).json()
    assert conforms(results, schema, "SavedResults")


def test_a_comparison_is_as_it_says(
    schema: Any, api: Any, image: Image, alice: User, store: Any, embed: Any, other: Encoder
) -> None:
    address = f"/api/v1/images/{image.pk}/compare/?compare=other"
    assert conforms(api(alice).get(address).json(), schema, "Comparison")
    embed(image, store("blue"))
    assert conforms(api(alice).get(address).json(), schema, "Comparison")


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/v1/images/{id}/similar/{result}/mark/", "put"),
        ("/api/v1/images/{id}/compare/", "get"),
        ("/api/v1/search/{id}/compare/", "get"),
        ("/api/v1/evaluations/", "post"),
        ("/api/v1/evaluations/{id}/", "get"),
        ("/api/v1/searches/", "get"),
        ("/api/v1/searches/", "post"),
        ("/api/v1/searches/{id}/", "get"),
        ("/api/v1/searches/{id}/results/", "get"),
    ],
)
def test_what_is_not_plain_has_an_example(schema: Any, path: str, method: str) -> None:
    responses = schema["paths"][path][method]["responses"]
    answer = next(kinds for status, kinds in responses.items() if status < "3")
    assert answer["content"]["application/json"]["examples"]


def test_the_example_of_an_evaluation_is_as_it_says(schema: Any) -> None:
    call = schema["paths"]["/api/v1/evaluations/{id}/"]["get"]
    examples = call["responses"]["200"]["content"]["application/json"]["examples"]
    assert all(conforms(example["value"], schema, "Evaluation") for example in examples.values())
