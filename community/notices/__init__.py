"""E-mails about questions and answers: who is told what, and that nothing is lost."""
