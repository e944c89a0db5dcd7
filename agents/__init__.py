"""How the people at the desks decide: agents stepped by mesa."""
