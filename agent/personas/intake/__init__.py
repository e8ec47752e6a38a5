"""Takes a medical history before an appointment: asks, writes down, and neither advises nor concludes."""
