"""What is about to be spoken of flights, held against the flights: prices, times, days, airlines, airports, stops, counts.

A model that misreads its own tool's answer says a wrong price with the same voice as a right one.
"""
