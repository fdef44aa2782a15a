CREATE DATABASE berth_registry;
CREATE DATABASE berth_image;
CREATE DATABASE berth_engine;
CREATE DATABASE berth_gateway;
