"""The frame around pages: with the pages, the only importer of Streamlit."""
