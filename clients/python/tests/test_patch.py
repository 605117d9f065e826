import unittest
from typing import Any

from convene_client import merge_patch

# RFC 7396, appendix A.
CASES: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


class Patches(unittest.TestCase):
    def test_patches_do_what_the_rfc_says(self) -> None:
        for target, patch, result in CASES:
            with self.subTest(target=target, patch=patch):
                self.assertEqual(merge_patch(target, patch), result)

    def test_what_a_patch_does_not_name_is_shared_and_nothing_is_changed(self) -> None:
        target = {"a": {"x": 1}, "b": {"y": 1}}
        patched = merge_patch(target, {"b": {"z": 2}})
        self.assertIs(patched["a"], target["a"])
        self.assertEqual(target["b"], {"y": 1})
