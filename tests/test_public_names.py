"""What `import core as tf` shows: messages and name spaces on demand, versions, small modules beside the engine."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

import core as tf


def test_messages_stand_at_the_top() -> None:
    assert tf.ConfigProto(inter_op_parallelism_threads=3).inter_op_parallelism_threads == 3
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    assert options.trace_level == 3
    assert {"GraphDef", "RunMetadata", "Summary", "Event", "MetaGraphDef", "NodeDef", "AttrValue"} <= set(dir(tf))
    with pytest.raises(AttributeError, match="no_such_name"):
        tf.no_such_name  # noqa: B018


def test_name_spaces_load_when_first_asked_for() -> None:
    for name in ("app", "compat", "debugging", "flags", "gfile", "graph_util", "logging", "random", "sysconfig"):
        space = getattr(tf, name)
        assert all(hasattr(space, item) for item in space.__all__), name
    assert tf.compat.v1 is tf and tf.app.flags is tf.flags


def test_versions() -> None:
    assert tf.__version__ == tf.VERSION == tf.version.VERSION == "1.15.0"
    assert tf.Graph().graph_def_versions.producer == tf.GRAPH_DEF_VERSION


def test_bytes_and_text() -> None:
    assert tf.compat.as_bytes("é") == b"\xc3\xa9" and tf.compat.as_text(b"\xc3\xa9") == "é"
    assert tf.compat.as_str_any(2.5) == "2.5" and tf.compat.path_to_str(Path("a/b")) == "a/b"
    with pytest.raises(TypeError, match="Expected binary or unicode string, got 3"):
        tf.compat.as_bytes(3)


def test_flags_read_a_command_line() -> None:
    flags = tf.flags
    values = flags.FlagValues()
    flags.DEFINE_float("learning_rate", 0.5, "How fast.", flag_values=values)
    flags.DEFINE_integer("max_steps", 2000, "How long.", flag_values=values)
    flags.DEFINE_boolean("fake_data", True, "Whether.", flag_values=values)
    flags.DEFINE_list("sizes", "2,3", "How large.", flag_values=values)
    rest = values(["program", "--learning_rate=0.125", "--max_steps", "7", "--nofake_data", "left"])
    assert rest == ["program", "left"]
    assert (values.learning_rate, values.max_steps, values.fake_data, values.sizes) == (0.125, 7, False, ["2", "3"])
    with pytest.raises(flags.Error, match="Unknown command line flag 'speed'"):
        values(["program", "--speed=3"])
    with pytest.raises(flags.IllegalFlagValueError, match="--max_steps=many"):
        values(["program", "--max_steps=many"])


def test_app_runs_main_and_exits() -> None:
    with pytest.raises(SystemExit) as ended:
        tf.app.run(lambda argv: len(argv), ["program", "a", "b"])
    assert ended.value.code == 3


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "text"
    tf.gfile.MakeDirs(path.parent)
    with tf.gfile.GFile(path, "w") as file:
        file.write("one\ntwo\n")
    with tf.gfile.Open(str(path)) as file:
        assert file.size() == 8 and list(file) == ["one\n", "two\n"]
    assert tf.gfile.ListDirectory(path.parent) == ["text"] and tf.gfile.Glob(str(tmp_path / "*")) == [str(path.parent)]
    with pytest.raises(tf.errors.AlreadyExistsError):
        tf.gfile.Copy(path, path)
    with pytest.raises(tf.errors.PermissionDeniedError, match="isn't open for reading"):
        tf.gfile.GFile(path, "w").read()
    tf.gfile.DeleteRecursively(path.parent)
    with pytest.raises(tf.errors.NotFoundError, match="No such file"):
        tf.gfile.GFile(path).read()


def test_messages_are_logged_from_warn_upwards(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    tf.logging.info("quiet")
    tf.logging.warning("%d rows", 3)
    for _ in range(5):
        tf.logging.log_every_n(tf.logging.ERROR, "again", 2)
    assert told.getvalue() == "WARNING:tensorflow:3 rows\n" + "ERROR:tensorflow:again\n" * 3
