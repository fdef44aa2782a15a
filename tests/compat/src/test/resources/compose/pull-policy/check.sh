fails 'No such image: berth-test/not-there' up never
up missing
is running inspect missing .State.Status
