"""The forms in which entries of every kind are written, from the one table `kb.schema.FIELDS`.

    request.form ── reading ──► Sheet ── writing ──► Entry, or findings by field
    Entry ── opening ──► Sheet ── reading.pairs ──► what a browser would send

`opening` and `writing` are each other's inverse for every entry: what a form
cannot show in plain words it shows as Markdown, and nothing is lost.
"""
