"""Kill what keeps and adds pushes, while they come: is each that was acknowledged counted exactly once?"""
