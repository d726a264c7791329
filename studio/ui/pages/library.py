"""The library: what has been analysed, what is being analysed, and the way in for a new cut."""

import streamlit as st

from studio.ui.cut_list import show_cuts
from studio.ui.resources import get_library, get_settings
from studio.ui.upload import show_uploads
from studio.ui.watching import show_address, show_watched
from studio.ui.widgets import show_jobs

cuts = get_library().list_cuts()
if not cuts:
    with st.container(key="welcome"):
        st.title("Every film has a through-line.", anchor=False)
        st.markdown(
            "Add a cut and see, second by second, how tense it is and what it makes people feel. "
            "Pictures, sound and subtitles are read here, on this machine; nothing leaves it."
        )
        show_jobs()
        show_uploads(get_settings())
        show_address()
        show_watched()
else:
    listed, adding = st.columns([7, 3], gap="large")
    with listed:
        st.title("Library", anchor=False)
        show_jobs()
        with st.container(key="cuts"):
            show_cuts(cuts)
    with adding, st.container(key="adding"):
        st.subheader("Add a cut", anchor=False)
        show_uploads(get_settings())
        show_address()
        show_watched()
