#!/usr/bin/env python3
"""Writes nfc.txt, the tables of canonical normalisation, from Python's copy of the Unicode database.

Lines: "# Unicode VERSION"; "FIRST-LAST CLASS" for characters with a combining class; "CHAR=FIRST SECOND" for a canonical
decomposition into two, "CHAR=ONLY" for one into a single character, with "!" at the end where composing never makes CHAR again.
All numbers are hexadecimal but classes. Hangul syllables follow a rule and are not listed.
"""
import pathlib
import sys
import unicodedata


def main():
    lines = [f"# Unicode {unicodedata.unidata_version}"]
    classes = [(c, unicodedata.combining(chr(c))) for c in range(sys.maxunicode + 1)]
    start = 0
    for i in range(1, len(classes) + 1):
        if i == len(classes) or classes[i][1] != classes[start][1]:
            if classes[start][1]:
                lines.append(f"{classes[start][0]:X}-{classes[i - 1][0]:X} {classes[start][1]}")
            start = i
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code))
        if not parts or parts.startswith("<") or 0xAC00 <= code < 0xD7A4:
            continue
        composes = unicodedata.normalize("NFC", chr(code)) == chr(code)
        lines.append(f"{code:X}={' '.join(p.lstrip('0') for p in parts.split())}{'' if composes else '!'}")
    pathlib.Path(__file__).with_name("nfc.txt").write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
