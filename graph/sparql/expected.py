"""Say in plain words which tokens the parser would have taken."""

from collections.abc import Iterable

_GROUPS: tuple[tuple[str, str], ...] = (
    ("a variable", "VARIABLE"),
    ("a name or an IRI", "IRIREF NAME"),
    ("'a'", "A"),
    ("a string", "STRING"),
    ("a whole number", "INTEGER"),
    ("a number", "DECIMAL DOUBLE SIGNED_INTEGER SIGNED_DECIMAL SIGNED_DOUBLE"),
    ("true or false", "TRUE FALSE"),
    ("a blank node", "BLANK"),
    ("a language tag", "LANGUAGE"),
    ("'^^' and a datatype", "_DATATYPE"),
    ("a function", "BUILTIN"),
    ("an aggregate", "AGGREGATE"),
    ("a comparison", "EQUAL NOT_EQUAL LESS GREATER LESS_EQUAL GREATER_EQUAL"),
    ("a calculation", "PLUS MINUS_SIGN SLASH STAR"),
    ("'||' or '&&'", "_OR _AND"),
    ("'('", "LPAR"),
    ("')'", "RPAR"),
    ("'['", "LSQB"),
    ("']'", "RSQB"),
    ("'{'", "LBRACE"),
    ("'}'", "RBRACE"),
    ("'<<'", "REIFIED_OPEN"),
    ("'>>'", "_REIFIED_CLOSE"),
    ("'<<('", "TRIPLE_OPEN"),
    ("')>>'", "_TRIPLE_CLOSE"),
    ("'{|'", "_ANNOTATION_OPEN"),
    ("'|}'", "_ANNOTATION_CLOSE"),
    ("';'", "SEMICOLON"),
    ("','", "COMMA"),
    ("'.'", "DOT"),
    ("'!'", "BANG"),
    ("'^'", "HAT"),
    ("'|'", "BAR"),
    ("'?'", "QUESTION"),
    ("'~'", "TILDE"),
    ("the end of the text", "$END"),
)
_MANY = 12


def in_words(terminals: Iterable[str]) -> str:
    """Name *terminals*, alike ones together, those that say most first."""
    waiting = set(terminals)
    words: list[str] = []
    for name, members in _GROUPS:
        found = waiting.intersection(members.split())
        if found:
            words.append(name)
            waiting -= found
    # A number is a whole number too.
    if "a number" in words and "a whole number" in words:
        words.remove("a whole number")
    words += sorted(waiting)
    if len(words) == 1:
        return words[0]
    if len(words) > _MANY:
        return f"one of {', '.join(words[:_MANY])}, …"
    return f"{', '.join(words[:-1])} or {words[-1]}"
