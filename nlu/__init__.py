"""Text to Understanding; knows nothing of the business."""
