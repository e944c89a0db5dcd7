"""`guantong cockpit`: a city that is played live in the browser, under two policies side by side.

play.py and side.py run it, player.py keeps it going, view.py says what is drawn, export.py writes
what replays it; words.py, page.py and serve.py show it. The first five know nothing of the web.
"""
