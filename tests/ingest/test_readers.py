"""Readers: every kind of input, every kind of wrong input, and file by file."""

import io
import json
import os
from pathlib import Path

import pytest

from curation.errors import InputError
from curation.ingest.readers import (
    FileResult,
    RawDocument,
    ReadOptions,
    Skipped,
    read_files,
    read_inputs,
)


def write(path: Path, content: str | bytes) -> Path:
    """The file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def jsonl(path: Path, *records: object) -> Path:
    """A JSON Lines file."""
    return write(path, "".join(json.dumps(record) + "\n" for record in records))


def documents(*paths: Path, options: ReadOptions | None = None) -> list[RawDocument]:
    """All documents of a call that must have no problem."""
    found = list(read_inputs(paths, options=options))
    assert [f for f in found if isinstance(f, InputError)] == []
    return [f for f in found if isinstance(f, RawDocument)]


def problems(path: Path, options: ReadOptions | None = None) -> list[str]:
    """The lines that are said about one bad file, which must leave no document behind."""
    (result,) = read_files([path], options=options)
    assert list(result.documents()) == []
    assert result.accepted == 0
    return [str(problem).replace(str(path), path.name) for problem in result.problems]


# What goes in


def test_a_folder_is_walked_in_sorted_order(tmp_path: Path) -> None:
    """Text files of a folder are named by their path in it, with -- for the slash."""
    for name in ("b.txt", "a/z.txt", "a/b/c.TXT", "a.txt"):
        write(tmp_path / name, name)
    assert [d.uid for d in documents(tmp_path)] == ["a--b--c", "a--z", "a", "b"]


def test_a_single_file_is_named_by_its_name(tmp_path: Path) -> None:
    """The folder that a single file lies in is not part of its uid; dots in the name stay."""
    path = write(tmp_path / "sub" / "2020.01.news.txt", "x")
    assert [d.uid for d in documents(path)] == ["2020.01.news"]


def test_decomposed_file_names_give_the_same_uid(tmp_path: Path) -> None:
    """A file name from a system that decomposes letters gives the composed uid."""
    assert documents(write(tmp_path / "u\u0308ber.txt", "x"))[0].uid == "\u00fcber"


def test_text_is_read_unchanged(tmp_path: Path) -> None:
    """The raw text keeps byte order mark, newlines and decomposed letters."""
    raw = "\ufeffa\r\nb\rc\u0301\n"
    assert documents(write(tmp_path / "a.txt", raw))[0].text == raw


def test_hidden_and_unknown_files_are_reported_as_skipped(tmp_path: Path) -> None:
    """What a folder holds besides is passed over, each with its reason."""
    for name in (".hidden.txt", ".git/a.txt", "image.png", "a.txt"):
        write(tmp_path / name, "x")
    found = list(read_inputs([tmp_path]))
    skipped = {Path(f.where).name: f.reason for f in found if isinstance(f, Skipped)}
    assert set(skipped) == {".hidden.txt", ".git", "image.png"}
    assert skipped["image.png"].startswith("read are .txt")
    assert [f.uid for f in found if isinstance(f, RawDocument)] == ["a"]


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    """A folder that links to itself ends, with the link reported."""
    write(tmp_path / "a.txt", "x")
    (tmp_path / "loop").symlink_to(tmp_path)
    kinds = [type(found).__name__ for found in read_inputs([tmp_path])]
    assert kinds == ["RawDocument", "Skipped"]


def test_a_pipe_in_a_folder_does_not_block(tmp_path: Path) -> None:
    """Something that is no file is skipped without being opened."""
    os.mkfifo(tmp_path / "pipe.txt")
    (found,) = read_inputs([tmp_path])
    assert isinstance(found, Skipped)
    assert found.reason == "not a file"


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    """A file given by itself and with its folder goes in once, and that is said."""
    path = write(tmp_path / "sub" / "a.txt", "x")
    found = list(read_inputs([path, tmp_path]))
    assert [type(f).__name__ for f in found] == ["RawDocument", "Skipped"]


def test_json_lines_carry_everything(tmp_path: Path) -> None:
    """Id, language, source and date are taken out, all else goes to the metadata."""
    record = {
        "id": " doc-1 ",
        "text": "Hello",
        "language": "en",
        "source": "Agency",
        "date": "2020-01",
        "meta": {"section": "world"},
        "author": "A",
        "empty": None,
    }
    (document,) = documents(jsonl(tmp_path / "a.jsonl", record))
    assert (document.uid, document.language, document.source) == ("doc-1", "en", "Agency")
    assert document.published == "2020-01"
    assert document.meta == {"section": "world", "author": "A"}
    assert document.where.endswith("a.jsonl, line 1")


def test_source_and_date_may_stand_in_the_nested_metadata(tmp_path: Path) -> None:
    """The fields of "meta" are read like those beside it."""
    record = {"text": "Hello", "meta": {"source": "Agency", "published": "2020"}}
    (document,) = documents(jsonl(tmp_path / "a.jsonl", record))
    assert (document.source, document.published, document.meta) == ("Agency", "2020", {})


def test_a_number_is_an_id(tmp_path: Path) -> None:
    """An integer id becomes its digits."""
    assert documents(jsonl(tmp_path / "a.jsonl", {"uid": 17, "text": "x"}))[0].uid == "17"


def test_canonical_lines_leave_their_annotations_behind(tmp_path: Path) -> None:
    """Document part in, annotations counted; a second annotator's line is a duplicate."""
    meta = {"annotation": {"kind": "model"}, "section": "world"}
    line = {"id": "d", "language": "en", "text": "x", "meta": meta, "entities": [], "events": []}
    path = jsonl(tmp_path / "a.jsonl", line | {"annotator": "anna"}, line | {"annotator": "ben"})
    (result,) = read_files([path])
    assert [d.meta for d in result.documents()] == [{"section": "world"}]
    assert (result.annotated, result.accepted, result.duplicates) == (2, 1, 1)


def test_columns_called_like_annotations_are_kept(tmp_path: Path) -> None:
    """Only lists of entities or events are annotations; other values are metadata."""
    (row,) = documents(write(tmp_path / "a.csv", "text,events,annotator\nx,sports,me\n"))
    (line,) = documents(jsonl(tmp_path / "a.jsonl", {"text": "x", "annotator": "me"}))
    assert row.meta == {"events": "sports", "annotator": "me"}
    assert line.meta == {"annotator": "me"}


def test_metadata_that_means_something_else_later_gets_a_prefix(tmp_path: Path) -> None:
    """A second date, a second source or a revision of the user's own is kept under another key."""
    record = {"text": "x", "when": "2020", "published": "2019", "revision": 3, "input_revision": 4}
    path = jsonl(tmp_path / "a.jsonl", record)
    (document,) = documents(path, options=ReadOptions(date_column="when"))
    assert document.published == "2020"
    assert document.meta == {
        "input_published": "2019",
        "input_input_revision": 3,
        "input_revision": 4,
    }


def test_a_stream_too_large_for_memory_goes_through_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A long stream is kept in a temporary file and still read twice, in each format."""
    monkeypatch.setattr("curation.ingest.sources._SPOOL_MEMORY", 10)
    table = io.BytesIO(b"id,text\n1,some text\n2,more text\n")
    found = list(read_inputs([], stdin=table, options=ReadOptions(stdin_format="csv")))
    assert [f.text for f in found if isinstance(f, RawDocument)] == ["some text", "more text"]
    (line,) = read_inputs([], stdin=io.BytesIO(b'{"id": "a", "text": "some text"}'))
    assert isinstance(line, RawDocument)


def test_text_without_a_name_is_named_by_its_content(tmp_path: Path) -> None:
    """The uid is a hash of the normalised text, so Windows newlines do not change it."""
    first = documents(jsonl(tmp_path / "a.jsonl", {"text": "a\nb"}))
    second = documents(jsonl(tmp_path / "b.jsonl", {"text": "a\r\nb"}))
    # printf 'a\nb' | sha256sum
    assert first[0].uid == second[0].uid == "text-7e18f737311b2dc3"


def test_blank_lines_are_counted_not_refused(tmp_path: Path) -> None:
    """Empty lines between JSON lines do no harm, and line numbers count them."""
    path = write(tmp_path / "a.jsonl", '\ufeff{"text": "a"}\n\n \r\n{"text": "b"}')
    (result,) = read_files([path])
    assert [d.where[-6:] for d in result.documents()] == ["line 1", "line 4"]
    assert result.blank == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_csv_is_found(tmp_path: Path, delimiter: str) -> None:
    """Comma, semicolon, tab and bar are told apart by the header."""
    rows = [["id", "Text", "Language"], ["1", '"a, b; c|d"', "en"]]
    content = "".join(delimiter.join(row) + "\r\n" for row in rows)
    (document,) = documents(write(tmp_path / "a.csv", content))
    assert (document.uid, document.text, document.language) == ("1", "a, b; c|d", "en")


def test_csv_cells_keep_their_line_breaks_and_rows_their_numbers(tmp_path: Path) -> None:
    """A quoted line break stays; rows are numbered as a spreadsheet shows them."""
    content = 'id,text,topic\n1,"a\r\nb\nc",x\n\n2,d,\n'
    first, second = documents(write(tmp_path / "a.csv", content))
    assert first.text == "a\r\nb\nc"
    assert second.where.endswith("row 4")
    assert (first.meta, second.meta) == ({"topic": "x"}, {})


def test_tsv_with_a_byte_order_mark(tmp_path: Path) -> None:
    """The mark that a spreadsheet writes is not part of the first column's name."""
    (document,) = documents(write(tmp_path / "a.tsv", "\ufefftext\tid\na, b\t7\n"))
    assert (document.text, document.uid) == ("a, b", "7")


def test_columns_can_be_named(tmp_path: Path) -> None:
    """Any column can be text, id, language, date and source, whatever the case of its name."""
    options = ReadOptions(
        text_column="body",
        id_column="Key",
        language_column="l",
        date_column="when",
        source_column="from",
    )
    path = write(tmp_path / "a.csv", "KEY,BODY,l,when,from,id\nk,b,sk,2020,S,9\n")
    (document,) = documents(path, options=options)
    assert (document.uid, document.text, document.language) == ("k", "b", "sk")
    assert (document.published, document.source) == ("2020", "S")
    assert document.meta == {"id": "9"}


def test_a_cell_larger_than_the_csv_module_allows_by_default(tmp_path: Path) -> None:
    """131,072 characters are no limit."""
    text = "word " * 50_000
    assert documents(write(tmp_path / "a.csv", f"text\n{text}\n"))[0].text == text


@pytest.mark.parametrize("stream", [io.BytesIO("héj\r\n".encode()), io.StringIO("héj\r\n")])
def test_a_stream_is_one_text(stream: io.BytesIO | io.StringIO) -> None:
    """Text on stdin is one document named by its content."""
    (document,) = read_inputs([], stdin=stream)
    assert isinstance(document, RawDocument)
    assert (document.text, document.where) == ("héj\r\n", "stdin")
    assert document.uid.startswith("text-")


def test_a_stream_of_json_lines_is_recognised() -> None:
    """A stream that begins with a brace is JSON Lines, unless it is said to be text."""
    content = b'\n{"id": "a", "text": "x"}\n{"id": "b", "text": "y"}\n'
    found = list(read_inputs([Path("-")], stdin=io.BytesIO(content)))
    assert [f.uid for f in found if isinstance(f, RawDocument)] == ["a", "b"]
    text = read_inputs([], stdin=io.BytesIO(content), options=ReadOptions(stdin_format="text"))
    assert [f.text for f in text if isinstance(f, RawDocument)] == [content.decode()]


def test_a_stream_of_csv() -> None:
    """A stream that is said to be CSV is read as a table."""
    options = ReadOptions(stdin_format="csv")
    (document,) = read_inputs([], stdin=io.BytesIO(b"id;text\n1;x\n"), options=options)
    assert isinstance(document, RawDocument)
    assert document.where == "stdin, row 2"


# What does not


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"", "a.txt: an empty file"),
        ("a.jsonl", b"", "a.jsonl: an empty file"),
        ("a.csv", b"", "a.csv: an empty file"),
        ("a.txt", b" \r\n\t\xc2\xa0\n", "a.txt: nothing but whitespace"),
        ("a.txt", b"\xef\xbb\xbf", "a.txt: nothing but whitespace"),
        ("a.jsonl", b"\n \n", "a.jsonl: no records, only empty lines"),
        ("a.csv", b"id,text\n", "a.csv: no rows under the header"),
        ("a.txt", b"a\nb\0c", "a.txt: a NUL byte in line 2 of the text"),
        ("a.csv", b"text\na\0b\n", "a.csv, row 2: a NUL byte in line 1 of the text"),
        ("a.jsonl", b'{"text": "a\\u0000"}', "a.jsonl, line 1: a NUL byte in line 1 of the text"),
        ("a.txt", b"abc\nd\xe9f", "a.txt: not UTF-8: byte 0xe9 at offset 5, line 2"),
        ("a.txt", "abc".encode("utf-16"), "a.txt: not UTF-8: byte 0xff at offset 0, line 1"),
        ("a.txt", b"abc\xc3", "a.txt: not UTF-8: byte 0xc3 at offset 3, line 1"),
        ("a.csv", b"text\n\xe9\n", "a.csv: not UTF-8: byte 0xe9 at offset 5, line 2"),
        ("a.jsonl", b'{}\n{"text":"\xe9"}', "a.jsonl, line 2: not UTF-8: byte 0xe9 at byte 9"),
        ("a.csv", b"id,body\n1,x\n", "a.csv, row 1: no 'text' (there is 'id', 'body')"),
        ("a.csv", b"text,a,a\nx,1,2\n", "a.csv, row 1: two columns have the same name: 'a'"),
        ("a.csv", b"id,text\n1,x,y\n", "a.csv, row 2: 3 cells under 2 columns"),
        ("a.csv", b"id,text\n1,\n", "a.csv, row 2: the text is empty"),
        ("a.csv", b'id,text\n1,"x\n2,y\n', "a.csv, row 2: not CSV: unexpected end of data"),
        ("a.csv", b'id,text\n1,"x" y\n', "a.csv, row 2: not CSV: ',' expected after '\"'"),
        ("a.jsonl", b'{"text": "a"', "a.jsonl, line 1: not JSON: "),
        ("a.jsonl", b"[1]", "a.jsonl, line 1: not a JSON object with a text in it"),
        ("a.jsonl", b'{"body": "a"}', "a.jsonl, line 1: no 'text' (there is 'body')"),
        ("a.jsonl", b'{"text": null}', "a.jsonl, line 1: 'text' must be a string, it is null"),
        ("a.jsonl", b'{"text": 7}', "a.jsonl, line 1: 'text' must be a string, it is int"),
        ("a.jsonl", b'{"text": "a", "x": NaN}', "NaN is no JSON number"),
        ("a.jsonl", b'{"text": "a", "text": "b"}', "key 'text' stands twice"),
        ("a.jsonl", b"[" * 100_000, "not JSON that can be used: nested too deep"),
        ("a.jsonl", b'{"text": "\\ud83d"}', "half of a surrogate pair at character 0 of the text"),
        ("a.jsonl", b'{"text": "a", "k": "\\ud83d"}', "half of a surrogate pair in the metadata"),
        ("a.jsonl", b'{"text": "a", "id": "x\\ny"}', "the id 'x\\ny' has a character that cannot"),
        ("a.jsonl", b'{"text": "a", "id": true}', "the id must be a string, it is bool"),
        ("a.jsonl", b'{"text": "a", "id": "%s"}' % (b"x" * 201), "the id has 201 characters"),
        ("a.jsonl", b'{"text": "a", "language": ["en"]}', "the language must be a string"),
        ("a.jsonl", b'{"text": "a", "k": 1, "meta": {"k": 2}}', "'k' stands beside and inside 'm"),
    ],
)
def test_wrong_input_gets_one_clear_line(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    """Each kind of wrong input is named with its place, in one line that has no traceback."""
    lines = problems(write(tmp_path / name, content))
    assert said in lines[-1]
    assert all("\n" not in line for line in lines)


def test_a_document_of_twenty_megabytes_is_refused(tmp_path: Path) -> None:
    """Each format refuses a text over the limit and names the sizes."""
    text = "a b " * 5_000_000
    said = "20.0 MB in one document, the limit is 5 MB"
    assert said in problems(write(tmp_path / "a.txt", text))[0]
    assert said in problems(write(tmp_path / "a.jsonl", json.dumps({"text": text})))[0]
    assert said in problems(write(tmp_path / "a.csv", f"text\n{text}\n"))[0]


def test_an_endless_line_is_never_held_in_memory(tmp_path: Path) -> None:
    """A JSON line beyond what the limit can need is measured and passed over."""
    options = ReadOptions(limit_bytes=1000, keep_good=True)
    path = write(tmp_path / "a.jsonl", b'{"text": "' + b"x" * 3_000_000 + b'"}\n{"text": "y"}\n')
    (result,) = read_files([path], options=options)
    assert [str(p).rpartition(": ")[2] for p in result.problems] == [
        "3.0 MB in one document, the limit is 0.001 MB (split it into several documents)"
    ]
    assert [d.text for d in result.documents()] == ["y"]


def test_a_language_outside_the_workspace_is_refused(tmp_path: Path) -> None:
    """A record that names another language says so; a region or another case is accepted."""
    options = ReadOptions(languages=("en", "nb"))
    good = jsonl(tmp_path / "a.jsonl", *({"text": c, "language": c} for c in ("EN", "en_GB", "no")))
    assert len(documents(good, options=options)) == 3
    (said,) = problems(jsonl(tmp_path / "b.jsonl", {"text": "x", "language": "da"}), options)
    assert said == "b.jsonl, line 1: language 'da' cannot be used (this workspace has en, nb)"


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    """A missing path is a problem of its own, the next path goes in."""
    found = list(read_inputs([tmp_path / "none", write(tmp_path / "a.txt", "x")]))
    assert [type(f).__name__ for f in found] == ["InputError", "RawDocument"]
    assert str(found[0]).endswith("none: no such file or folder")


def test_a_file_of_unknown_kind_that_was_asked_for_is_a_problem(tmp_path: Path) -> None:
    """Unlike in a folder, a file named by itself is never skipped."""
    (said,) = problems(write(tmp_path / "a.docx", "x"))
    assert said.startswith("a.docx: cannot tell what .docx is (read are .txt")


def test_a_folder_instead_of_a_text(tmp_path: Path) -> None:
    """A folder with a text file's name is a folder; an empty one is said to be empty."""
    (tmp_path / "a.txt").mkdir()
    assert list(read_inputs([tmp_path])) == [Skipped(str(tmp_path / "a.txt"), "an empty folder")]


def test_a_file_name_that_cannot_be_printed(tmp_path: Path) -> None:
    """A hostile file name is refused, and shown escaped on one line."""
    (said,) = (
        str(p) for r in read_files([write(tmp_path / "a\nb\x1b[31m.txt", "x")]) for p in r.problems
    )
    assert "\n" not in said
    assert "\x1b" not in said
    assert "has a character that cannot be printed" in said


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without permission is a problem of that file only."""
    path = write(tmp_path / "a.txt", "x")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert problems(path) == ["a.txt: cannot be read: Permission denied"]


def test_nothing_on_stdin() -> None:
    """An empty stream is a problem, not silence."""
    (found,) = read_inputs([], stdin=io.BytesIO(b""))
    assert str(found) == "stdin: nothing came in"


# File by file


def bad_and_good(tmp_path: Path) -> Path:
    """Five lines, the second and fourth of them bad."""
    lines = ['{"id": "a", "text": "1"}', "{", '{"id": "b", "text": "2"}', "[]", '{"text": "3"}']
    return write(tmp_path / "bad.jsonl", "\n".join(lines))


def test_a_bad_line_keeps_its_file_out_and_no_other(tmp_path: Path) -> None:
    """All bad lines are listed, none of the file goes in, the other files do."""
    bad_and_good(tmp_path)
    write(tmp_path / "ok.txt", "x")
    bad, good = read_files([tmp_path])
    assert [p.where.rpartition(" ")[2] for p in bad.problems] == ["2", "4"]
    assert (bad.records, bad.accepted, bad.duplicates, bad.refused) == (5, 0, 0, 5)
    assert list(bad.documents()) == []
    assert [d.uid for d in good.documents()] == ["ok"]


def test_good_records_of_a_bad_file_can_be_kept(tmp_path: Path) -> None:
    """With keep_good the good ones go in, and the bad ones are listed all the same."""
    (result,) = read_files([bad_and_good(tmp_path)], options=ReadOptions(keep_good=True))
    assert [d.text for d in result.documents()] == ["1", "2", "3"]
    assert (result.records, result.accepted, result.refused) == (5, 3, 2)


def test_a_refused_file_does_not_take_ids(tmp_path: Path) -> None:
    """An id from a file that was kept out is free for the files after it."""
    bad_and_good(tmp_path)
    write(tmp_path / "z.jsonl", '{"id": "a", "text": "other"}')
    bad, good = read_files([tmp_path])
    assert (bad.accepted, good.accepted, good.problems) == (0, 1, ())


def test_the_same_record_twice_is_counted_once(tmp_path: Path) -> None:
    """Same id and same text, in one file or in two, is a duplicate and no problem."""
    record = {"id": "a", "text": "x\n"}
    jsonl(tmp_path / "1.jsonl", record, {"id": "a", "text": "x\r\n"})
    jsonl(tmp_path / "2.jsonl", record)
    first, second = read_files([tmp_path])
    assert (first.accepted, first.duplicates, first.problems) == (1, 1, ())
    assert (second.accepted, second.duplicates, second.refused) == (0, 1, 0)
    assert len(list(first.documents())) == 1


def test_one_id_for_two_texts_names_both_places(tmp_path: Path) -> None:
    """The second text under an id is refused, with the place of the first."""
    jsonl(tmp_path / "1.jsonl", {"id": "a", "text": "x"})
    jsonl(tmp_path / "2.jsonl", {"id": "a", "text": "y"})
    first, second = read_files([tmp_path])
    (problem,) = second.problems
    assert first.accepted == 1
    assert problem.where == f"{tmp_path}/2.jsonl, line 1"
    assert (
        problem.message
        == f"the id 'a' already names a different text, in {tmp_path}/1.jsonl, line 1"
    )


def test_a_file_that_changes_between_the_readings_is_noticed(tmp_path: Path) -> None:
    """What was checked is what goes in, or an error."""
    path = jsonl(tmp_path / "a.jsonl", {"text": "x"})
    (result,) = read_files([path])
    jsonl(path, {"text": "x"}, {"text": "y"})
    with pytest.raises(InputError, match="changed while it was read"):
        list(result.documents())


def test_thousands_of_bad_lines_are_summed_up(tmp_path: Path) -> None:
    """The first thousand are listed, the rest counted."""
    (result,) = read_files([write(tmp_path / "a.jsonl", "{\n" * 1500)])
    assert len(result.problems) == 1001
    assert str(result.problems[-1]).endswith("500 more records cannot be used")
    assert (result.records, result.refused) == (1500, 1500)


def test_a_result_without_documents() -> None:
    """A bare FileResult has none."""
    assert list(FileResult("x").documents()) == []
