"""The figures, one a file. Each has `draw(data, ax, ...)`, which returns the Axes it drew on:

fig, ax = style.figure()
survival.draw({"siloed": histograms, "integrated": others}, ax)
style.save(fig, "results/figures", "survival")
"""
