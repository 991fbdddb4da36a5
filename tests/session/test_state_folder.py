"""The state folder: found, kept whole, shared, refused when it is newer."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from hendrix.entities import ConflictError, InvalidInputError, UnavailableError
from hendrix.session import Home, Settings, connect, read_record, write_record
from hendrix.session.operations import counts
from hendrix.session.records import Nothing


def test_the_nearest_folder_upwards_is_taken(tmp_path, monkeypatch):
    (tmp_path / ".hendrix").mkdir()
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert Home.find().root == tmp_path / ".hendrix"


def test_without_one_it_is_made_here_closed_to_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    home = Home.find()
    home.prepare()
    assert home.root == tmp_path / ".hendrix"
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700
    assert (home.root / ".gitignore").read_text() == "*\n"


def test_the_token_is_made_once_and_readable_by_its_owner_only(tmp_path):
    home = Home(tmp_path / "home")
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: home.ensure_token(), range(16)))
    assert tokens - {""} == {home.read_token()}
    assert stat.S_IMODE(home.token.stat().st_mode) == 0o600


def test_a_newer_folder_is_refused_untouched(tmp_path):
    client = connect(home=str(tmp_path / "home"))
    client.call(counts, Nothing())
    client.host.store.close()
    with sqlite3.connect(client.home.database) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    before = client.home.database.read_bytes()
    with pytest.raises(ConflictError, match=r"newer Hendrix"):
        connect(home=str(tmp_path / "home")).call(counts, Nothing())
    assert client.home.database.read_bytes() == before


def test_an_upgrade_makes_a_backup_and_waits_for_nobody_else(tmp_path):
    home = Home(tmp_path / "home")
    client = connect(home=str(home.root))
    client.call(counts, Nothing())
    client.host.store.close()
    with sqlite3.connect(home.database) as db:
        db.execute("DROP TABLE alembic_version")
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            db.execute(f"DROP TABLE {table}")
    program = (
        "import sys; from hendrix.session import Home; from pathlib import Path;"
        f"h = Home(Path({str(home.root)!r})); h.share(); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "held\n"
    with pytest.raises(UnavailableError, match=f"{other.pid}"):
        connect(home=str(home.root)).call(counts, Nothing())
    other.communicate()
    assert connect(home=str(home.root)).call(counts, Nothing()).kinds == {}
    assert (home.root / "graph.before-upgrade.db").exists()


def test_settings_say_where_they_come_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hendrix.toml").write_text('project = "delay"\nnamespace = "team"\n[ray]\naddress = "auto"\n')
    monkeypatch.setenv("HENDRIX_NAMESPACE", "mine")
    found = {setting.name: setting for setting in Settings({"durability": "full"}).all()}
    assert (found["project"].value, found["project"].origin) == ("delay", str(tmp_path / "hendrix.toml"))
    assert (found["namespace"].value, found["namespace"].origin) == ("mine", "environment (HENDRIX_NAMESPACE)")
    assert (found["durability"].value, found["durability"].origin) == ("full", "call")
    assert (found["ray.address"].value, found["server.port"].origin) == ("auto", "default")


def test_an_unknown_setting_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hendrix.toml").write_text("projekt = 'x'\n")
    with pytest.raises(InvalidInputError, match="'projekt', which is no setting"):
        Settings()


def test_secrets_come_by_reference(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / "hendrix.toml").write_text(f"token = 'file:{tmp_path / 'secret'}'\n")
    assert Settings().secret("token") == "s3cret"
    (tmp_path / "hendrix.toml").write_text("token = 'plain'\n")
    with pytest.raises(InvalidInputError, match="points at nothing"):
        Settings().secret("token")


def test_many_processes_write_one_folder(tmp_path):
    home = tmp_path / "home"
    connect(home=str(home)).call(counts, Nothing())
    program = (
        "import sys, hendrix as hx; hx.connect(home=sys.argv[1])\n"
        "for n in range(10):\n"
        "    with hx.run(f'r{n}') as run: run.log(loss=1.0)\n"
    )
    workers = [subprocess.Popen([sys.executable, "-c", program, str(home)]) for _ in range(4)]
    assert [worker.wait() for worker in workers] == [0] * 4
    assert connect(home=str(home)).call(counts, Nothing()).kinds == {"run": 40}
    shutil.rmtree(home)


def test_the_graph_lives_in_postgresql_by_configuration(tmp_path, postgres_url):
    program = (
        "import sys, hendrix as hx; hx.connect(home=sys.argv[1], database=sys.argv[2])\n"
        "with hx.run('on postgres') as run: run.log(loss=1.0)\n"
        "print(run.metrics)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "home"), postgres_url]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[0] for process in both] == ["{'loss': 1.0}\n"] * 2
    client = connect(home=str(tmp_path / "home"), database=postgres_url)
    assert client.call(counts, Nothing()).kinds == {"run": 2}
    assert not client.home.database.exists()


def test_a_record_in_a_file_is_read_back_and_one_of_another_form_is_none(tmp_path):
    path = tmp_path / "notes" / "one.json"
    assert read_record(path, Nothing) is None
    write_record(path, Nothing())
    assert read_record(path, Nothing) == Nothing()
    assert [found.name for found in path.parent.iterdir()] == ["one.json"]
    path.write_text("[")
    assert read_record(path, Nothing) is None
