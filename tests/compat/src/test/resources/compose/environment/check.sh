export FROM_HOST='a value'
up
is 'plain||42|a value|unset|by default|another|from .env|$PATH' \
  inside map 'echo "$PLAIN|$EMPTY|$NUMBER|$FROM_HOST|${UNSET_ON_HOST-unset}|$DEFAULT|$ALTERNATIVE|$FROM_DOTENV|$DOLLAR"'
is '1|two|two words|by environment|yes|11' inside list 'echo "$ONE|$BOTH|$QUOTED|$OVER|$EXPORTED|$REFERS"'
