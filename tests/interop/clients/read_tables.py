# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false
"""Read the workbook, the network and the calendar of a folder; print what is in them as JSON."""

import json
import sys
from pathlib import Path

import icalendar
import networkx
import openpyxl

folder = Path(sys.argv[1])
book = openpyxl.load_workbook(folder / "metapole.xlsx")
cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
network = networkx.read_graphml(folder / "network.graphml")
calendar = icalendar.Calendar.from_ical((folder / "events.ics").read_bytes().decode())
json.dump(
    {
        "rows": {sheet.title: sheet.max_row - 1 for sheet in book},
        "formulas": [cell.coordinate for cell in cells if cell.data_type == "f"],
        "numbers": [cell.value for cell in cells if cell.data_type == "n" and cell.value],
        "days": sorted({str(cell.value)[:10] for cell in cells if cell.data_type == "d"}),
        "links": [cell.hyperlink.target for cell in cells if cell.hyperlink],
        "created": book.properties.created.isoformat(),
        "nodes": sorted(network.nodes),
        "edges": sorted(said["statement"] for *_, said in network.edges(data=True)),
        "events": {
            str(event["SUMMARY"]): [str(event["DTSTART"].dt), str(event["DTEND"].dt)]
            for event in calendar.walk("VEVENT")
        },
        "errors": [str(error) for event in calendar.walk("VEVENT") for error in event.errors],
    },
    sys.stdout,
)
