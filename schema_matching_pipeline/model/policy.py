"""Every number that decides has a name here."""

from __future__ import annotations

from schema_matching_pipeline.model.base import Frozen


class ProfilePolicy(Frozen):
    """How tables are measured."""

    small_rows: int = 50_000  # up to here a table is fetched whole; measured by bench/crossing_points.py
    large_rows: int = 5_000_000  # beyond it nothing is copied, and the database measures
    columns_per_slice: int = 25
    top_values: int = 10
    sketch_size: int = 1024
    distinct_sample: int = 2_000  # distinct values that are looked at one by one
    tallied_values: int = 10_000  # a staged column of more distinct values is measured by statements
    word_sample: int = 10_000  # distinct texts whose words are counted
    sample_rows: int = 100_000
    counted_values: int = 2_000  # a column of a large table with no more values is counted value by value
    gathered_values: int = 1_000_000  # the same for one that an engine of many machines counts
    rare_count: int = 5  # a value held by fewer rows is never shown
    fresh_days: int = 2  # an older profile is not fresh
    drift_share: float = 0.1  # shares that moved less than this have not drifted
    drift_growth: float = 2.0  # times as many rows as before are no usual growth
    drift_new_rows: int = 1_000  # so many rows may always come
    drift_quantiles: float = 0.15  # of the spread that the middle of the figures may move
    drift_live_days: int = 30  # a table whose newest row is no older is in use
    drift_week_days: int = 7  # a table may look alike from week to week only
    drift_month_days: int = 28  # what moves little by little is held against what it was so long ago
    drift_looks: int = 100  # earlier profiles among which those to compare with are sought
    drift_late_days: int = 7  # so much longer without a new row it is late
    shown_length: int = 60  # a longer value is cut when shown
    shape_length: int = 40  # a longer shape is cut
    shapes_kept: int = 5
    inspected_values: int = 1000  # distinct values that types and patterns are judged by
    probed_values: int = 48  # a pattern none of these follows is not looked for further
    probed_alike: int = 12  # of values of one shape so many are looked at first
    pattern_share: float = 0.05  # a pattern followed by less is not told
    checked_share: float = 0.3  # a check digit that fewer values carry is chance
    type_share: float = 0.9  # a type must hold for this share of the values, else the column is text
    activity_candidates: int = 4
    activity_filled_share: float = 0.9  # rows an activity column should fill
    personal_text_share: float = (
        0.1  # free texts that name somebody in this share of the rows make a column personal
    )
    lifetime_years: int = 45  # days of birth lie so far apart, days of what happens to persons do not
    personal_share: float = 0.5  # values of a personal kind in this share of the rows make a column personal
    inclusion_share: float = 0.95  # distinct values that must be found in the key of another table
    inclusion_score: float = 0.6  # weaker references between tables are not told
    inclusion_values: int = 16  # hashes looked at first; a reference must hold for them
    rename_score: float = 0.5  # a column that is less like the one that is gone is a new one
    inclusion_holders: int = 64  # a value that more keys hold tells none of them apart
    castable_share: float = 0.98  # rows that must read as numbers for a column to have figures
    longest_text: int = 4096  # characters of a value that are kept in memory; hashes take all of it
    binary_bytes: int = 1024  # leading bytes of a binary value that are looked at
    activity_first_year: int = 1900  # days outside these years say nothing about activity
    activity_last_year: int = 2100
    fetched_rows: int = 10_000  # rows a round trip
    fetched_bytes: int = 512 * 1024 * 1024  # a table that turns out heavier is staged on disk
    staging_memory_megabytes: int = 1536  # what staged tables take at most; the rest goes to disk
    staging_least_megabytes: int = 224  # what they may take however small the source
    connect_timeout_seconds: int = 3
    statement_timeout_seconds: int = 900
    unreached_tables: int = 3  # so many tables running that cannot be reached end a profile
    lock_timeout_seconds: int = 10  # a table that somebody else locks is given up after that


class QualityPolicy(Frozen):
    """When a column is called empty, abandoned, misused or test-only."""

    empty_filled_share: float = 0.0
    abandoned_gap_days: int = 365
    abandoned_filled_before: float = 0.2
    misused_share: float = 0.5
    partly_misused_share: float = 0.1  # values of another kind in more than this share are noted
    answers: int = 30  # more different values are no genders, and no yes and no
    graded_values: int = 20  # so few words may be grades, where only a usual figure speaks against them
    long_text: float = 20.0  # characters on average; no figure and no day is so long
    misused_rows: int = 3  # fewer values say nothing about a column's use
    reference_score: float = (
        0.75  # an undeclared reference surer than this tells what a key column really holds
    )
    test_share: float = 0.8
    abandoned_rows_after: int = 10  # rows that must have come after the last value
    abandoned_rows_share: float = 0.02  # of all rows; fewer strays after the last value prove nothing
    abandoned_expected: float = 5.0  # values that should have come after it, at the earlier rate
    mixed_share: float = 0.05  # a second type in more than this share of the values is noted
    sentinel_share: float = 0.05  # sentinels in more than this share of the values are noted
    outlier_share: float = 0.001  # fewer values of another type are not told
    outlier_days: float = 0.01  # of the days, at most so many lie apart
    outlier_years: int = 20  # so far from all others
    outlier_rows: int = 20  # fewer numbers have no middle to be far from
    outlier_orders: float = 3.0  # times the same range on a scale of logarithms, where no number is negative
    outlier_ranges: float = 25.0  # times the range of the middle half beyond it, a number is an outlier
    constant_rows: int = 10  # a column of one value is noted as constant from this many rows on


class ClassificationPolicy(Frozen):
    """How surely a rule or an answer may speak."""

    name_confidence: float = 0.95  # a name that says it all
    pattern_confidence: float = 0.8  # every value follows the kind's pattern
    pattern_share: float = 0.6  # without a telling name, this share of the values must follow it
    misfit_factor: float = 0.4  # the type of the values speaks against it
    least_confidence: float = 0.2
    rules_cap: float = 0.98
    value_bank_confidence: float = 0.97
    known_values_share: float = 0.9
    fewest_known_values: int = 2
    most_known_values: int = 200
    settled_confidence: float = 0.75  # surer verdicts are not asked about
    columns_per_question: int = 40
    answer_cap: float = 0.85  # an answer alone is never surer
    agreement_gain: float = 0.5  # an answer that agrees takes away this share of the doubt


class MatchPolicy(Frozen):
    """How proposals are made."""

    candidates_kept: int = 20
    least_share: float = 0.02  # log-odds; smaller shares of a confidence are told together
    review_floor: float = 0.5
    # Below the floor, from here on links, days and columns for required fields are asked about.
    near_confidence: float = 0.25
    least_near: float = 0.05  # what is further off is no question, however few columns there are
    settled_columns: int = 2  # a table that sends so many columns to an entity is a table of it
    implausible: float = 4.0  # log-odds that a field loses which the data speak against
    fewest_rows: int = 20  # filled rows that say something against a field
    company: float = 0.75  # a column this sure speaks for its table's entity
    link_share: float = 0.1  # a column of keys of another table has at least so many different ones a row
    rare_share: float = 0.5  # a column filled in more rows holds nothing that only few have
    # Standard deviation, in log-odds, of how far decisions may move a confidence.
    decisions_prior: float = 2.0
    # Log-odds that a column loses which people of another client mapped to nothing: more than evidence gives.
    nothing_before: float = 10.0
    nothing_likeness: float = 0.5  # cosine of the shapes of values that makes two columns of one name alike
    nothing_clients: int = 2  # so many clients need no alike values
    nothing_outweighed: float = 0.9  # a suggestion this sure is asked about all the same
    nothing_disproven: float = 0.5  # so is one whose values overlap so much with those known of its field
    # Derived fields: only strong evidence proposes one, and never accepts one.
    derived_confidence: float = 0.75
    derived_meaning: float = 0.75  # a column this surely means a part of something
    derived_alike: float = 0.8  # share of the values that must be written alike
    derived_gap: float = 0.05  # share of the rows without one of the parts that is told
    derived_reference: float = 0.9  # an undeclared reference this sure leads to a lookup
    lookup_rows: int = 2_000  # a table of more rows is no list of codes
    lookup_columns: int = 4
    ledger_kinds: int = 12  # a column of more different values tells no kinds of rows apart
    ledger_columns: int = 3  # of a ledger so many columns fill fields of each entity
    ledger_confidence: float = 0.6
    coded_values: int = 50  # a column of more different values holds no codes
    # Log-odds that a pair loses for each client, up to that many, whose people refused it for a column like this.
    refused_before: float = 2.0
    # A language model is asked about columns whose likeliest field is at least so sure, and not sure enough.
    model_asked_from: float = 0.1
    model_candidates: int = 8  # fields that it is shown a column
    model_columns: int = 12  # columns in one question
    model_gain: float = 1.5  # log-odds that its choice moves at most; alone it crosses no threshold
    model_bar: float = 0.95  # that threshold where two schemas are matched that have none


class ValidationPolicy(Frozen):
    """How mappings are put to the test."""

    row_limit: int = 200_000
    tried_rows: int = 20_000  # a rule is tried on, while a person waits
    tried_shown: int = 20
    ruled_rows: int = 5_000_000  # keys and references under a rule are compared in memory
    samples_kept: int = 5
    earliest_year: int = 1900
    mostly: float = 0.99
    failed_share: float = 0.05  # more failures than this are an error, fewer a warning
    future_years: int = 10  # a day further ahead is implausible
    greatest_age: int = 125
    given_names_share: float = 0.5  # where fewer are known, first and last names are the wrong way round
    identifier_share: float = 0.8  # a check digit that fewer rows carry is chance


class ReviewPolicy(Frozen):
    """How doubts become items."""

    four_eyes_approvals: int = 2
    spot_check_share: float = 0.05  # of automatic and bulk approvals, where a client has no share of its own
    spot_check_choices: int = 9  # fields to choose among
    pace_decisions: int = 50  # the last ones of a person, by which he is told that he is fast
    pace_seconds: float = 2.0  # between two decisions nothing was read
    pace_share: float = 0.95  # of them, accepted as fast
    rivals_named: int = 3  # rival columns that a reason names before it says how many more
    rows_shown: int = 10  # the worst rows that a check shows
    revealed_values: int = 20  # values shown as they are to whoever may see them
    revealed_from_rows: int = 2000  # rows that these are looked for in
    revealed_length: int = 500  # letters of each
    fit_confidence: float = 0.9  # a suggestion that sure speaks for the canonical model
    fit_share: float = (
        0.15  # of columns, or of fields, that have one; where both are less, the model is likely another one
    )
    fit_columns: int = 20  # fewer columns say nothing about that


class LearningPolicy(Frozen):
    """What is learned from a publication."""

    sketch_size: int = 1024  # hashes kept of all the values of a field
    closed_set: int = 50  # values of a field with so many or fewer are kept one by one
    verify_clients: int = 2  # a value seen at so many clients occurs highly
    examples_kept: int = 5  # columns of earlier clients that show how a field looks
