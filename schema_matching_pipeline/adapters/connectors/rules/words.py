"""What both compilers of rules agree on: which letters are blank, and how a number is written."""

from __future__ import annotations

BLANKS = " \t\r\n\f\v\u00a0"
_WHOLE = "([0-9]{1,28}|[0-9]{1,3}(,[0-9]{3}){1,8})"
DECIMAL = f"^[+-]?{_WHOLE}([.][0-9]{{1,10}})?$"
INTEGER = "^[+-]?([0-9]{1,18}|[0-9]{1,3}(,[0-9]{3}){1,5})$"
