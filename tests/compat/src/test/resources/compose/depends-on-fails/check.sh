fails "service \"broken\" didn't complete successfully: exit 5" up after-broken
fails "dependency failed to start: container $(name sick) is unhealthy" up after-sick
is 'created created' echo "$(inspect after-broken .State.Status)" "$(inspect after-sick .State.Status)"
