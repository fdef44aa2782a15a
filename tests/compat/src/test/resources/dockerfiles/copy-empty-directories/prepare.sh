mkdir -p d/empty/deeper d/other
touch d/file
