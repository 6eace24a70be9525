"""Label rules: one file a label; each looks at one column and says what it found, or nothing.

Comes in:        a Case: one column's profile, its table, the whole source, the policy.
Goes out:        a Verdict that flags the column or only notes something, with its figures; or None.
How it decides:  each rule by its own evidence alone; which label wins is settled by assess.
To add to it:    one file with ``LABELS.register("name")`` on a function; its docstring is its manual.
It must never:   look at another rule's verdict, or raise on a profile that is valid.
"""
