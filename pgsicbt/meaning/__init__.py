"""What an estimate means: verdicts, simple slopes, burden, overlap, prediction."""
