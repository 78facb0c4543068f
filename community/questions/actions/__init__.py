"""The only writers of questions: asking (resident) and moderation (desk)."""
