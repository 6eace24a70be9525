from __future__ import annotations

import json

import pytest

from schema_matching_pipeline.canon.bench_schema import read_bench_schema
from schema_matching_pipeline.canon.canonical_import import read_canonical_path
from schema_matching_pipeline.canon.json_schema import read_json_schema
from schema_matching_pipeline.canon.sql_ddl import read_sql_ddl
from schema_matching_pipeline.errors import ConfigurationError, UsageError
from schema_matching_pipeline.model.canonical import FieldRef, FieldType


def fields_of(schema, entity):
    found = schema.entity(entity)
    assert found is not None
    return {field.name: field for field in found.fields}


def mistakes_of(read, text):
    with pytest.raises(ConfigurationError) as caught:
        read(text, "x")
    return caught.value.mistakes


POSTGRES = """
SET client_encoding = 'UTF8';
-- People who borrow.
CREATE TABLE public.reader (
    reader_id integer NOT NULL,  -- number on the card
    born date,
    balance numeric(10,2) DEFAULT 0,
    joined timestamp with time zone,
    active boolean,
    notes text
);
CREATE TABLE public.loan (
    loan_id uuid PRIMARY KEY,
    reader_id integer NOT NULL REFERENCES public.reader,
    state char(1) CHECK (state IN ('o', 'b'))
);
INSERT INTO public.reader VALUES (1, NULL, 0, NULL, true, 'CREATE TABLE no (x int);');
ALTER TABLE ONLY public.reader ADD CONSTRAINT reader_pkey PRIMARY KEY (reader_id);
COMMENT ON COLUMN public.reader.born IS 'day of birth';
COMMENT ON TABLE public.loan IS 'a book taken home';
CREATE INDEX i ON public.loan USING btree (reader_id);
"""

MYSQL = """
CREATE TABLE `reader` (
  `id` int(11) NOT NULL AUTO_INCREMENT COMMENT 'number on the card',
  `kind` enum('adult','child') DEFAULT NULL,
  `active` tinyint(1) NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB COMMENT='people who borrow';
CREATE TABLE `loan` (
  `book` int, `reader` int,
  PRIMARY KEY (`book`, `reader`),
  CONSTRAINT `f` FOREIGN KEY (`reader`) REFERENCES `reader` (`id`)
);
"""

SQL_SERVER = """
CREATE TABLE [dbo].[Reader]([Id] [int] IDENTITY(1,1) NOT NULL, [Name] [nvarchar](max) NULL,
 CONSTRAINT [PK] PRIMARY KEY CLUSTERED ([Id] ASC))
GO
CREATE TABLE [dbo].[Loan]([ReaderId] [int] NOT NULL, [At] [datetime2](7) NULL)
GO
ALTER TABLE [dbo].[Loan] WITH CHECK ADD CONSTRAINT [F] FOREIGN KEY([ReaderId]) REFERENCES [dbo].[Reader] ([Id])
GO
"""


def test_postgres_ddl_gives_types_keys_comments_and_references():
    schema = read_sql_ddl(POSTGRES, "library")
    reader, loan = fields_of(schema, "reader"), fields_of(schema, "loan")
    assert [entity.name for entity in schema.entities] == ["reader", "loan"]
    assert [entity.description for entity in schema.entities] == ["People who borrow.", "a book taken home"]
    assert {name: field.type for name, field in reader.items()} == {
        "reader_id": FieldType.IDENTIFIER,
        "born": FieldType.DATE,
        "balance": FieldType.NUMBER,
        "joined": FieldType.DATETIME,
        "active": FieldType.BOOLEAN,
        "notes": FieldType.TEXT,
    }
    assert (reader["reader_id"].description, reader["born"].description) == (
        "number on the card",
        "day of birth",
    )
    assert (reader["reader_id"].primary_key, reader["reader_id"].required, reader["born"].required) == (
        True,
        True,
        False,
    )
    assert loan["reader_id"].references == FieldRef(entity="reader", field="reader_id")
    assert (loan["state"].values, loan["state"].type) == (("o", "b"), FieldType.CODE)


def test_mysql_ddl_gives_enums_comments_and_composite_keys():
    schema = read_sql_ddl(MYSQL, "library")
    reader, loan = fields_of(schema, "reader"), fields_of(schema, "loan")
    assert schema.entities[0].description == "people who borrow"
    assert reader["id"].description == "number on the card"
    assert (reader["kind"].type, reader["kind"].values) == (FieldType.CODE, ("adult", "child"))
    assert reader["active"].type is FieldType.BOOLEAN
    assert [field.primary_key for field in loan.values()] == [True, True]
    assert loan["reader"].references == FieldRef(entity="reader", field="id")


def test_sql_server_scripts_without_semicolons_are_understood():
    schema = read_sql_ddl(SQL_SERVER, "library")
    reader, loan = fields_of(schema, "Reader"), fields_of(schema, "Loan")
    assert (reader["Id"].primary_key, reader["Name"].primary_key) == (True, False)
    assert (reader["Id"].required, reader["Name"].required) == (True, False)
    assert loan["At"].type is FieldType.DATETIME
    assert loan["ReaderId"].references == FieldRef(entity="Reader", field="Id")


def test_a_reference_to_a_table_that_is_not_there_is_dropped():
    schema = read_sql_ddl("CREATE TABLE a (b int REFERENCES elsewhere(id))", "x")
    assert fields_of(schema, "a")["b"].references is None


def test_every_create_table_that_cannot_be_read_is_named_by_its_line():
    text = "CREATE TABLE a (x int);\nCREATE TABLE b (x int PRIMARY;\n\nCREATE TABLE c (;\n"
    lines = [mistake.split(":")[0] for mistake in mistakes_of(read_sql_ddl, text)]
    assert lines == ["line 2", "line 4"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("select 1;", "there is no CREATE TABLE in it"),
        ("CREATE TABLE a (x int); CREATE TABLE A (y int);", "the table 'A' is created twice"),
        ("CREATE TABLE a (x int, y int, x int);", "a: the column 'x' stands twice"),
        ("CREATE TABLE a (x text DEFAULT 'open", "a quotation or a comment is not closed"),
    ],
)
def test_ddl_without_a_usable_table_says_why(text, mistake):
    assert mistakes_of(read_sql_ddl, text) == (mistake,)


JSON_SCHEMA = json.dumps(
    {
        "$defs": {
            "Reader": {
                "type": "object",
                "description": "Somebody who borrows.",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "born": {"type": ["string", "null"], "format": "date"},
                    "mail": {"type": "string", "format": "email"},
                    "kind": {"$ref": "#/$defs/Kind"},
                    "address": {
                        "type": "object",
                        "properties": {"city": {"type": "string"}, "floor": {"type": "integer"}},
                    },
                    "fines": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"amount": {"type": "number"}}},
                    },
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
            "Kind": {"enum": ["adult", "child"], "description": "age group"},
            "Loan": {
                "type": "object",
                "properties": {
                    "reader": {"anyOf": [{"$ref": "#/$defs/Reader"}, {"type": "null"}]},
                    "at": {"type": "string", "format": "date-time"},
                    "renewals": {"type": "array", "items": {"$ref": "#/$defs/Loan"}},
                },
            },
        }
    }
)


def test_json_schema_gives_types_formats_enums_and_references():
    schema = read_json_schema(JSON_SCHEMA, "library")
    reader, loan = fields_of(schema, "Reader"), fields_of(schema, "Loan")
    assert [entity.name for entity in schema.entities] == ["Reader", "Loan", "Reader_fines"]
    assert schema.entities[0].description == "Somebody who borrows."
    assert {name: field.type for name, field in reader.items()} == {
        "id": FieldType.IDENTIFIER,
        "born": FieldType.DATE,
        "mail": FieldType.STRING,
        "kind": FieldType.CODE,
        "address_city": FieldType.STRING,
        "address_floor": FieldType.INTEGER,
        "tags": FieldType.TEXT,
    }
    assert (reader["id"].primary_key, reader["id"].required, reader["born"].required) == (True, True, False)
    assert (reader["kind"].values, reader["kind"].description) == (("adult", "child"), "age group")
    assert reader["mail"].semantic_type == "email"
    assert loan["reader"].references == FieldRef(entity="Reader", field="id")
    assert set(loan) == {"reader", "at"}


def test_a_root_object_is_named_by_its_title():
    schema = read_json_schema('{"title": "loan", "properties": {"at": {"type": "string"}}}', "x")
    assert schema.entities[0].name == "loan"


def test_all_mistakes_of_a_json_schema_are_reported_with_their_places():
    text = json.dumps(
        {
            "definitions": {
                "A": {
                    "properties": {
                        "x": {"$ref": "#/definitions/Nowhere"},
                        "y": {"type": "strin"},
                        "z": 7,
                        "c": {"$ref": "#/definitions/C"},
                    }
                },
                "C": {"$ref": "#/definitions/C"},
            }
        }
    )
    assert mistakes_of(read_json_schema, text) == (
        "#/definitions/A/properties/x: $ref '#/definitions/Nowhere' leads nowhere in this text",
        "#/definitions/A/properties/y/type: unknown type 'strin'. Known: string, integer, number, boolean, array, object.",
        "#/definitions/A/properties/z: must be an object",
        "#/definitions/A/properties/c: $ref '#/definitions/C' leads back to itself",
    )


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("{", "line 1: not JSON: "),
        ("[]", "line 1: a JSON Schema must be an object"),
        ("{}", "there is no object with properties in it"),
        ("[" * 100_000, "line 1: nested too deeply to be read"),
    ],
    ids=["broken", "list", "empty", "deep"],
)
def test_a_text_that_is_no_json_schema_says_why(text, mistake):
    assert mistakes_of(read_json_schema, text)[0].startswith(mistake)


def test_a_tasks_schema_gives_entities_types_and_descriptions():
    text = json.dumps(
        {
            "tables": [
                {
                    "name": "loan",
                    "description": "lending",
                    "columns": [
                        {"name": "at", "type": "DATE", "description": "day"},
                        {"name": "fine", "type": "DECIMAL(8,2)", "description": ""},
                        {"name": "state", "type": "", "description": None},
                    ],
                }
            ]
        }
    )
    schema = read_bench_schema(text, "task")
    assert schema.entities[0].description == "lending"
    assert [(field.name, field.type, field.description) for field in schema.entities[0].fields] == [
        ("at", FieldType.DATE, "day"),
        ("fine", FieldType.NUMBER, ""),
        ("state", FieldType.STRING, ""),
    ]


def test_all_mistakes_of_a_tasks_schema_are_reported_with_their_places():
    text = '{"tables": [{"name": "a", "columns": [{"name": ""}]}, {"columns": [{"name": 3}]}]}'
    places = [mistake.split(": ")[0] for mistake in mistakes_of(read_bench_schema, text)]
    assert places == ["tables[1].columns[1].name", "tables[2].name", "tables[2].columns[1].name"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('{"tables": []}', "tables: a canonical model needs at least one table"),
        ('{"tables": [{"name": "a", "columns": []}]}', "a: a table needs at least one column"),
    ],
)
def test_a_task_without_tables_or_columns_is_refused(text, mistake):
    assert mistakes_of(read_bench_schema, text) == (mistake,)


def test_names_that_stand_twice_in_a_task_are_mistakes():
    table = {"name": "a", "columns": [{"name": "x"}, {"name": "x"}]}
    assert mistakes_of(read_bench_schema, json.dumps({"tables": [table, table]}))[:2] == (
        "tables: 'a' stands 2 times",
        "a: the column 'x' stands 2 times",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("loans.yaml", "entities: [{name: loan, fields: [{name: at}]}]"),
        ("loans.sql", "CREATE TABLE loan (at date)"),
        ("loans.json", '{"tables": [{"name": "loan", "columns": [{"name": "at"}]}]}'),
        ("loans.schema.json", '{"title": "loan", "properties": {"at": {"type": "string"}}}'),
    ],
)
def test_a_file_is_read_by_what_it_is(tmp_path, name, text):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    schema = read_canonical_path(file)
    assert schema.name == file.stem
    assert [str(ref) for ref in schema.refs()] == ["loan.at"]
    assert read_canonical_path(file, "mine").name == "mine"


def test_a_folder_is_read_by_its_schema_file(tmp_path):
    folder = tmp_path / "target"
    folder.mkdir()
    (folder / "schema.json").write_text('{"tables": [{"name": "a", "columns": [{"name": "b"}]}]}', "utf-8")
    assert read_canonical_path(folder).name == "target"


def test_a_file_that_is_missing_or_of_no_known_kind_is_refused(tmp_path):
    with pytest.raises(UsageError, match="There is no file"):
        read_canonical_path(tmp_path / "none.yaml")
    (tmp_path / "model.docx").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="Known endings"):
        read_canonical_path(tmp_path / "model.docx")


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "m.yaml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_canonical_path(tmp_path / "m.yaml")
