"""The platform for programs: `/api/v1/`, by tokens that operators make."""
