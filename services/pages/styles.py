"""Makes static/govuk-frontend.css from the style sheet of GOV.UK Frontend (MIT licence):

    npm pack govuk-frontend@6.3.0 && tar xzf govuk-frontend-6.3.0.tgz
    python -m services.pages.styles package/dist/govuk/govuk-frontend.min.css

The typeface and the crest may be used on gov.uk alone, and go; what remains is Arial, and asks for no other file.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

MADE = Path(__file__).with_name("static") / "govuk-frontend.css"
LICENCE = """/*! GOV.UK Frontend {version}, without its typeface and crest. MIT licence:
Copyright (c) Crown copyright (Government Digital Service)
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and
this permission notice shall be included in all copies or substantial portions of the Software.
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */
"""


def stripped(css: str) -> str:
    """The style sheet without the typeface, the crest and anything else that would be fetched."""
    css = re.sub(r"/\*!.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = re.sub(r"GDS Transport,\s*", "", css)
    css = re.sub(r"\.govuk-footer__copyright-logo(:+\w+)?\{[^}]*\}", "", css)
    css = re.sub(r"url\([^)]*govuk-crest[^)]*\)", "none", css)
    return re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css).strip() + "\n"


def main() -> None:
    given = Path(sys.argv[1]).read_text(encoding="utf-8")
    version = re.search(r'--govuk-frontend-version:"([^"]+)"', given)
    charset, _, rest = stripped(given).partition(";")
    licence = LICENCE.format(version=version[1] if version else "")
    MADE.write_text(f"{charset};{licence}{rest}", encoding="utf-8")


if __name__ == "__main__":
    main()
