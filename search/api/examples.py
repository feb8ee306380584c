"""What the OpenAPI schema shows of answers."""

from drf_spectacular.utils import OpenApiExample

SITE = "https://gallery.example"
IMAGE = {
    "id": 42,
    "title": "Harbour",
    "description": "From the pier, an hour before the storm.",
    "width": 6000,
    "height": 4000,
    "album": "Coast",
    "tags": ["boat", "evening"],
    "visibility": "members",
    "favourite": False,
    "rating": 4,
    "owner": "alice",
    "format": "JPEG",
    "byte_size": 4812233,
    "taken_at": "2026-05-17T19:42:10Z",
    "created_at": "2026-05-18T07:01:55.102938Z",
    "camera": {
        "name": "Canon EOS R5",
        "lens": "RF24-70mm F2.8 L IS USM",
        "aperture": 5.6,
        "exposure_time": 0.004,
        "iso": 100,
        "focal_length": 35.0,
        "focal_length_35mm": 35,
    },
    "place": {"latitude": 59.9139, "longitude": 10.7522},
    "thumbnail_url": f"{SITE}/images/42/thumbnail.jpg",
    "file_url": f"{SITE}/images/42/file/",
    "url": f"{SITE}/images/42/",
    "similar_url": f"{SITE}/api/v1/images/42/similar/",
    "embedding": {"encoder": "compact", "state": "ready", "error": None},
}
NEIGHBOUR = {"image": IMAGE, "distance": 0.4123, "share_farther": 0.997}
NEXT = f"{SITE}/api/v1/images/7/similar/?limit=1"
PLACE = "place=1_1779021015.123456_1_0.4123_42"

NEIGHBOURS = [
    OpenApiExample(
        "The nearest image",
        {"encoder": "compact", "exact": True, "results": [NEIGHBOUR], "next": f"{NEXT}&{PLACE}"},
        description="`?limit=1`: follow `next` for the others.",
        response_only=True,
        status_codes=["200"],
    ),
    OpenApiExample(
        "A burst as one result",
        {
            "encoder": "compact",
            "exact": True,
            "results": [{**NEIGHBOUR, "alike": [43, 44, 51]}],
            "next": f"{NEXT}&alike=together&{PLACE}",
        },
        description="`?limit=1&alike=together`: images 43, 44 and 51 are all but the same shot.",
        response_only=True,
        status_codes=["200"],
    ),
]
