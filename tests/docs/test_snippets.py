"""What the pages say runs, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_pages_name_exist(page):
    from hendrix.cli.main import COMMANDS

    for word in re.findall(r"^(?:\$ )?hendrix (?!--)([a-z]+)", page.read_text(), flags=re.MULTILINE):
        assert word in COMMANDS


@pytest.mark.slow
def test_the_readme_program_runs(ray, tmp_path, capsys):
    import hendrix as hx

    hx.connect(home=str(tmp_path / "home"))
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    exec(compile(program, "README.md", "exec"), {})  # noqa: S102 - our own page
    assert "6" in capsys.readouterr().out
