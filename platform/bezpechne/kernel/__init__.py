"""What every part may use and what knows no part: queue, mail, history, files, faults, clock."""
