#!/usr/bin/env python3
"""Writes unicode.json: how Python's `regex` module (Debian: python3-regex) cuts texts by the patterns of GPT-2, Llama 3 and Qwen 2, and
what Python's unicodedata makes of texts in NFC. Texts hold only characters that this Python knows, so that a newer Unicode agrees.
"""
import json
import pathlib
import random
import sys
import unicodedata

import regex

PATTERNS = {
    "Gpt2": r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""",
    "Llama3": r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
    "Qwen2": r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
}
WRITTEN = [
    "I'm sure she'LL say they'Ve 'seen' it; we'd've gone. DON'T! rock'n'roll '\u017f 'S",
    "  two spaces,\ttab\n\n\nthree lines \r\n\r\n  x  \n y   ",
    "3.14159 and 1234567890, \u0663\u0664\u0665\u0666\u0667, \u2167, \u00bd\u00b2 10\u00b0C",
    "f(x) = {a[0]: -1};\n\n// done...\n\t\treturn;\r\n",
    "na\u00efve caf\u00e9 \u4f60\u597d\uff0c\u4e16\u754c\u3002 \ud55c\uad6d\uc5b4 \u0434\u043e\u043c \u05d0\u05d1 \u0e20\u0e32\u0e29\u0e32",
    "\U0001d4d0\U0001d4d1 \U00010400\U00010428 \U00020000\U00020001 \U0001f600\U0001f44d\U0001f3fd \U0001d7d8\U0001d7d9",
    "\u00a0x\u3000y\u2028z\u0085w\u200bv\ufeffu\x0b\x0c\x1c\x1d", " ", "", "'", "''s", " '", "\n a", "a \n", "\u2003\u2003b",
]
POOLS = [
    [chr(c) for c in range(32, 127)], list("abc XYZ 's'S'll're'D"), list(" \t\n\r\u00a0\u3000\u2028\x0b\x85"), list("01239 \u0663\u2167\u00bd"),
    list("\u00e9\u0436\u4f60\uac00 "), ["\U0001d4d0", "\U00020000", "\U0001f600", "\U00010428", "\U0001d7d8", " "], list(".,;:!?-'\"() \n"),
    list("e\u0301a\u0308\u0323q\u0307\u0344\u212b\ufb01\u1112\u1161\u11ab\ud55c\u093c\u0915\u0958"),
]


def main():
    draw = random.Random(1)
    known = [chr(c) for c in range(0x21, sys.maxunicode + 1) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]
    texts = list(WRITTEN)
    for _ in range(250):
        parts = []
        for _ in range(draw.randint(1, 6)):
            pool = draw.choice(POOLS) if draw.random() < 0.85 else known
            parts.append("".join(draw.choice(pool) for _ in range(draw.randint(1, 5))))
        texts.append("".join(parts))
    cut = {name: regex.compile(pattern) for name, pattern in PATTERNS.items()}
    cases = []
    for text in texts:
        case = {"text": text, "nfc": unicodedata.normalize("NFC", text)}
        for name, pattern in cut.items():
            pieces = [match.group() for match in pattern.finditer(text)]
            assert "".join(pieces) == text
            case[name] = [len(piece.encode()) for piece in pieces]
        cases.append(case)
    # Each character known to have a canonical decomposition, alone and decomposed.
    composed = [c for c in known if unicodedata.normalize("NFD", c) != c and not "\uac00" <= c <= "\ud7a3"]
    marks = [[unicodedata.normalize(form, c) for c in composed] for form in ("NFC", "NFD")]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    joined = [json.dumps("|".join(forms)) for forms in [composed, *marks]]
    path = pathlib.Path(__file__).with_name("unicode.json")
    path.write_text(
        '{"cases":[\n' + lines + '\n],\n"characters":' + joined[0] + ',\n"nfc":' + joined[1] + ',\n"nfd":' + joined[2] + "}\n",
        encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
