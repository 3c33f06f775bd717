"""Does a result hold when the analysis had been chosen otherwise?"""
