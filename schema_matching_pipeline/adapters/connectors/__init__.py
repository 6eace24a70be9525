"""Connectors: clients' databases and files, listed, measured and put to the test.

Comes in:        a SourceAddress (an URL or a path), a ProfilePlan, an ExpectationSuite.
Goes out:        SourceSnapshot, TableMeasurement, SuiteResult; faults are SourceErrors that quote no value.
How it decides:  the first source kind that claims an address opens it; the plan names the executor; every
                 value is brought to one canonical text before it is counted, compared or hashed.
To add to it:    one file in sources/ or formats/ that registers itself, or an entry point of that group.
It must never:   write to a source, keep a value after a call, or put one into a message or a log.
"""
