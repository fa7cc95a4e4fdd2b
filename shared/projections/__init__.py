"""What may become of a goal: ranges out of many possible futures, never one promised number."""
