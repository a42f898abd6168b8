"""Fills a workbook in as a clerk would, in a running LibreOffice; run by the system's Python, which knows `uno`: libreoffice_fill.py PIPE IN OUT < cells.json

cells.json: a list of [row, column, figure or text], both counted from 0, for the first sheet.
"""

import json
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

TRIES = 240


def desktop(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(TRIES):
        try:
            remote = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
        except NoConnectException:
            time.sleep(0.25)
    raise SystemExit("LibreOffice did not answer")


def main() -> None:
    pipe, source, target = sys.argv[1:]
    office = desktop(pipe)
    hidden = PropertyValue("Hidden", 0, True, 0)
    book = office.loadComponentFromURL(Path(source).resolve().as_uri(), "_blank", 0, (hidden,))
    sheet = book.Sheets.getByIndex(0)
    for row, column, content in json.load(sys.stdin):
        cell = sheet.getCellByPosition(column, row)
        if isinstance(content, str):
            cell.setString(content)
        else:
            cell.setValue(content)
    book.storeToURL(Path(target).resolve().as_uri(), (PropertyValue("FilterName", 0, "Calc MS Excel 2007 XML", 0),))
    book.close(True)
    office.terminate()


main()
