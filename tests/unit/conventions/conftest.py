"""Failed assertions of the helpers show both sides, as those of the tests do."""

import pytest

pytest.register_assert_rewrite("tests.unit.conventions.judging")
