"""A run's model in the forms that others read: ONNX, safetensors, JSON."""
