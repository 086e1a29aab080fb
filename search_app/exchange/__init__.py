"""Files people exchange: Word and Excel. The only home of python-docx and openpyxl."""
