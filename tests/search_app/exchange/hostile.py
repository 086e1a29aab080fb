"""Word files made by hand, sound and hostile, for the tests of reading them."""

from __future__ import annotations

import io
import random
import zipfile

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
    '.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Target="word/document.xml" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/officeDocument"/></Relationships>'
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def archive(members: dict[str, bytes | str], stored: bool = False) -> bytes:
    """A zip archive of these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return stream.getvalue()


def word(body: str, head: str = "", relations: str = "", namespaces: str = "") -> bytes:
    """A Word file with `body` between <w:body> tags; `head` is put before the root element."""
    document = f'<?xml version="1.0"?>{head}<w:document {W} {namespaces}><w:body>{body}</w:body></w:document>'
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS,
        "word/document.xml": document,
    }
    if relations:
        members["word/_rels/document.xml.rels"] = relations
    return archive(members)


def laughs(marks: int = 9) -> str:
    """A document type whose last entity is ten to the power of `marks` characters long."""
    steps = "".join(
        f'<!ENTITY l{n} "{(f"&l{n - 1};" if n > 1 else "&l;") * 10}">' for n in range(1, marks + 1)
    )
    return f'<!DOCTYPE x [<!ENTITY l "ha">{steps}]>'


def long_document(paragraphs: int) -> str:
    """Honest-looking paragraphs that no archive can shrink much: past the guard, too much for the reader."""
    draw = random.Random(7)
    letters = [chr(draw.randrange(0x4E00, 0x9F00)) for _ in range(3000)]
    return "".join(
        f"<w:p><w:r><w:t>{''.join(draw.choices(letters, k=6))}</w:t></w:r></w:p>" for _ in range(paragraphs)
    )


PICTURE_OUTSIDE = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
    'wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>'
    '<a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:link="rId9"/>'
    "</pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)


def link_to(address: str) -> str:
    """Relations of a document whose picture lies outside the file."""
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="rId9" Target="{address}" TargetMode="External" Type="http://schemas'
        '.openxmlformats.org/officeDocument/2006/relationships/image"/></Relationships>'
    )


def sheet_of_one_word(text: str, rows: int) -> bytes:
    """An Excel file in which one text, kept once, stands in every row: small itself, large when read."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    part = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, rows + 1))
    return archive(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{office}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{office}.worksheet+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{office}.sharedStrings+xml"/></Types>',
            "_rels/.rels": f'{relations}<Relationship Id="r1" Type="{part}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{part}"><sheets>'
            '<sheet name="清单" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'{relations}<Relationship Id="r1" Type="{part}/worksheet"'
            f' Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{part}/sharedStrings"'
            ' Target="sharedStrings.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>'
            "</worksheet>",
            "xl/sharedStrings.xml": f'<sst xmlns="{main}"><si><t>{text}</t></si></sst>',
        }
    )
