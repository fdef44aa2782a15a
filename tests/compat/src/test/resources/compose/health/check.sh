up --wait shell list
up
is 'healthy healthy' echo "$(inspect shell .State.Health.Status)" "$(inspect list .State.Health.Status)"
is '[CMD-SHELL test -f /ready] 50 2s' inspect shell '.Config.Healthcheck.Test}} {{.Config.Healthcheck.Retries}} {{.Config.Healthcheck.Timeout'
is '<nil>' inspect off .State.Health
is '[NONE]' inspect none .Config.Healthcheck.Test
fails 'is unhealthy' compose --profile sick up -d --wait sick
