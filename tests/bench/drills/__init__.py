"""Restart drills: whatever is killed in the middle of the journeys, nothing is lost or done twice."""
