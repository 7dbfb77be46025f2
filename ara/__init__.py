"""The agent-native research artifact: schema, writer, checker."""
