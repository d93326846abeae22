# An occupant for runs/gym.sh: it swings the pendulum up by pushing the way it moves, and pushes by chance now and then, so that a model also sees
# what a good player never does. It is given what the environment observes (cosine, sine, speed) and the environment.
def act(observation, environment):
    chance = environment.unwrapped.np_random
    if chance.random() < 0.3:
        return [chance.uniform(-2, 2)]
    return [2.0 if observation[2] >= 0 else -2.0]
